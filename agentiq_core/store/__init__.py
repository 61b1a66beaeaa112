"""The only room that speaks SQL: one module a subject, every statement named, run through `Store.transaction`."""
