// 4: `second` rests on itself
param name string
var first = second
var second = [
  first
]
output said array = union(first, [
  name
])
