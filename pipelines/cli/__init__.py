"""The command line `titikrawan`. Importing it must stay cheap: every heavy library is imported where it is used."""
