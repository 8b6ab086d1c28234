"""The CRMs, each behind `ports.Crm`; what they share is the owner marker.

A CRM's room keeps its vendor's words to itself: deals, tasks and flags go in and out
in the vocabulary of `core.model`. Rooms do not see each other.
"""
