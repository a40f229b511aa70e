"""From results to what people get: pages for students, tables for an LMS, an overview of a class.

Everything here reads files and writes files. Nothing is sent anywhere, and no log has an answer.
"""
