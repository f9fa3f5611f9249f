"""Two pictures compared by their local features: geometry, pages, outlines, light."""
