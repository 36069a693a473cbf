"""Will my recurrent network still learn the same after the upgrade? Importing this imports no framework."""
