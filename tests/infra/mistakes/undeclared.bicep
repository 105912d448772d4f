// `nmae` is declared nowhere in this file
param name string
output said string = '${name}-${nmae}'
