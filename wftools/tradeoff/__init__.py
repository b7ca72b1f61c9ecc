"""What fewer bits cost, so that a person can choose: how far a workflow's picture moves, and size against error.

probe.py      a workflow run with one file and with another, and its pictures compared
measuring.py  every type: how large a file would be, and how far its weights and its pictures would be off
chart.py      the measurements as a picture
page.py       the picture and the figures as a page
"""
