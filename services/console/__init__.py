"""The console: web pages for the people who work with cases.

decides     nothing: it calls the services with the rights of the person who is signed in, and shows their responses
owns        no tables; a sign-in is an access token in a cookie, a sign-in link a file that can be used once
publishes   nothing
consumes    nothing
"""
