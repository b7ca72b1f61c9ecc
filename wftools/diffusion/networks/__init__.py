"""Networks, one file each. Attribute names are the original checkpoint's keys, so loading needs no renaming."""
