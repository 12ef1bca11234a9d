"""From results to tables, charts and pages."""
