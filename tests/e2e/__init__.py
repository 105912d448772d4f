"""The whole way, from a Graph over real HTTP to what people read, through the real wiring."""
