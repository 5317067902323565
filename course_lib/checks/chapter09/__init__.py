"""Chapter 9: frequently asked questions."""
