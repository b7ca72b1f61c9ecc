"""python -m wftools"""

from wftools.cli import main

main()
