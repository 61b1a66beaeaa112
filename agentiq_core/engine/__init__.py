"""What runs in the background, and the doors a front end calls."""
