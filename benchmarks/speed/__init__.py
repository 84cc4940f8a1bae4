"""How fast the main job runs, against the budgets of the design and against hand-written SQL."""
