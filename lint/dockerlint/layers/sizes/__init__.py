"""What installations add to a layer, told by the indexes of the packages' own archives. Nothing is installed for it."""
