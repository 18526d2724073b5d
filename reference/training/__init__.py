from reference import forwards

__getattr__ = forwards(__name__)
