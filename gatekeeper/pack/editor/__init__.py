"""JSON Schemas of the files of a pack, with which editors complete and check. Pure."""
