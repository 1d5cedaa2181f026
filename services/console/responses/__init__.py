"""The responses of the services, as far as the pages show them. Fields that are not named here are ignored."""
