"""What leaves for people: a digest as a letter, as HTML and text, and by mail.

What lives here: sentences, templates, the chart, the connection to the mail server.
What may not: reading the store, deciding who gets what or when. Every text from a CRM
passes `core.wording.plain` on its way into a letter and is escaped on its way into
HTML; a letter holds no markup (2026-11, promises S12).
"""
