"""Groups as they are kept: a file beside the library, made from it and mended where the library changed."""
