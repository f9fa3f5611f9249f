"""The structure of files, walked without decoding anything: JPEG markers, ISO boxes, TIFF directories."""
