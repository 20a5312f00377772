"""What can be done to a unit, a file for each way in: each function takes what is known of the unit and its parameters and gives a `Taken`."""
