exec("def f():\n    return 4\nk = f()")
X = [k, eval("1 + 2")]
