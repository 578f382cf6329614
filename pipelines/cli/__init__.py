"""The command line `titikrawan`. Importing it must stay cheap: heavy
libraries are imported where they are used."""
