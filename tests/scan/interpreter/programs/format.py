X = ["{} {1} {0}".replace("{} ", "").format("a", "b"), "{k[0]:>4}".format(k=[1]), "{:{}}".format("x", 3)]
