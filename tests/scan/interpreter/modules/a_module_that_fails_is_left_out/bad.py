v = 1
raise RuntimeError("broken")
