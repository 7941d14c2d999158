from helper import grab, ship
ship(grab())
