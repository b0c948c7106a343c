"""What several pictures share: figures without global state, examples side by side, classes in colours."""
