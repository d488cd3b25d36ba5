"""The try page: the bot in a local web page."""
