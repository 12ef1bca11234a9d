"""Recipes: how checkpoints are made and measured."""
