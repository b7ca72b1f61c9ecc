class Own(ValueError):
    pass


try:
    try:
        raise Own("why")
    except ValueError:
        raise
except Own as error:
    X = [str(error), error.args]
