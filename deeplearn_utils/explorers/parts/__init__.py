"""What a panel declares: controls, marks, and the frame that they show."""
