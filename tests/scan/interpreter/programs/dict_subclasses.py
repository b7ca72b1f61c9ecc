class Flexible(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return ("*",)


f = Flexible(a=1)
X = ["q" in f, f["q"], dict(f), list(f), len(f)]
