"""The rules of the linter, a module each: `l204_dangling_link` is rule L204, dangling-link."""
