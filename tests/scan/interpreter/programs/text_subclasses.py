class Any(str):
    def __ne__(self, other):
        return False


a = Any("*")
X = [a != "IMAGE", a + "!", a == "*", {"k": a}["k"] == "*", "x" + a, f"{a}", isinstance(a, str)]
