X = sorted({1, 2} | {3}) + sorted({1, 2} & {2}) + sorted({1, 2} - {2}) + sorted({1, 2}.union([5]))
