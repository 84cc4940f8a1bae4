"""HTTP: one file per noun. `app.create_app` puts them together."""
