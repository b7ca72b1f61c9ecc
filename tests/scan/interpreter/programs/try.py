X = []
for bad in (
    lambda: 1 / 0,
    lambda: {}["k"],
    lambda: [][1],
    lambda: int("x"),
    lambda: None.y,
    lambda: undefined,
    lambda: "a" + 1,
):
    try:
        bad()
    except (ZeroDivisionError, LookupError) as error:
        X.append(type(error).__name__)
    except Exception as error:
        X.append([type(error).__name__])
    else:
        X.append("else")
    finally:
        X.append("finally")
