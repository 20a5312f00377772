"""What every bench stands on: temporary homes on both engines, a synthetic factory, figures held against their targets."""
