"""What is stored: tables, migrations, the writer's memory of keys, and how rows land."""
