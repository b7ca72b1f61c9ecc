import ast
from typing import Literal, get_args

Mode = Literal["fast", "slow"]
X = [list(get_args(Mode)), Mode.__args__, ast.literal_eval("{'a': [1, (2, None)]}"), get_args(Literal[1, 2])]
