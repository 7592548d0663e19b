"""A reader's own layer over the code pages: favourites in folders, private notes, and what was read and looked up.

It belongs to accounts. Nothing of it is in a page that is kept for several readers, in a log, or in an event.
"""
