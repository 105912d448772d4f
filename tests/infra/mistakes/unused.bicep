// `name` is never used
param name string
