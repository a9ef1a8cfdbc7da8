"""Spreadsheets instead of JSON: declarations and vehicles from CSV and XLSX, templates and reports to download."""
