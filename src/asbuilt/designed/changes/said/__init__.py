"""Lines of the files of this room: how they are written with their facts, read, and compared with them."""
