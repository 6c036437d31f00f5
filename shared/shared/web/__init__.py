"""The web kit: what every page is made of. `kit.Pages` shows them; the folders hold their parts.

A *room* is a folder with `pages/` (Jinja templates), `locale/fr.po` and perhaps `static/`: this
one, `shared/people`, and each process that shows pages.
"""
