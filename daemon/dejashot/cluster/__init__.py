"""Reading photos on the workers of a Dask cluster: only `dask_link` needs the extra, and only where it is asked for."""
