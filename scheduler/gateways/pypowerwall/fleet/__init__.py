"""The adapter for Tesla's Fleet API, through pypowerwall's client of it.

`adapter` is a site's gateway; `account` what all sites of one application share: its tokens, its
meter, its pauses; `transport` the seam below the library; `tokens` the file that the login is in;
`budget` how often the cloud may be asked; `answers` what its documents mean.
"""
