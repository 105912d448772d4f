// `toLowr` is no function
param name string
output said string = toLowr(name)
