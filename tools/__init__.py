"""Tools for developers. The product does not import them; they may import anything."""
