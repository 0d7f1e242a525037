// H5Lpublic.h and H5Gpublic.h: links and the groups that hold them.
#ifndef BALLAST_CHDF5_LINKS_H
#define BALLAST_CHDF5_LINKS_H

#include <hdf5.h>
#include <stdint.h>

/// What a link is: kinds are 0 hard, 1 soft, 2 external, 3 user-defined.
typedef struct chdf5_link {
  int kind;
  int user_class;
  int has_creation_order;
  int64_t creation_order;
  size_t value_size;
} chdf5_link;

#if H5_VERSION_GE(1, 12, 0)
typedef H5L_info2_t chdf5_library_link;
#else
typedef H5L_info_t chdf5_library_link;
#endif

static inline void chdf5_describe_link(const chdf5_library_link *info, chdf5_link *link) {
  switch (info->type) {
  case H5L_TYPE_HARD: link->kind = 0; break;
  case H5L_TYPE_SOFT: link->kind = 1; break;
  case H5L_TYPE_EXTERNAL: link->kind = 2; break;
  default: link->kind = 3; break;
  }
  link->user_class = (int)info->type;
  link->has_creation_order = info->corder_valid ? 1 : 0;
  link->creation_order = info->corder;
  link->value_size = link->kind == 0 ? 0 : info->u.val_size;
}

static inline herr_t chdf5_link_info(hid_t group, const char *name, chdf5_link *link) {
  chdf5_library_link info;
#if H5_VERSION_GE(1, 12, 0)
  herr_t status = H5Lget_info2(group, name, &info, H5P_DEFAULT);
#else
  herr_t status = H5Lget_info(group, name, &info, H5P_DEFAULT);
#endif
  if (status >= 0) chdf5_describe_link(&info, link);
  return status;
}

/// Sees each link of a group; a result other than 0 ends the walk.
typedef int (*chdf5_link_visitor)(const char *name, const chdf5_link *link, void *context);

typedef struct chdf5_link_walk {
  chdf5_link_visitor visit;
  void *context;
} chdf5_link_walk;

static inline herr_t chdf5_visit_link(hid_t group, const char *name, const chdf5_library_link *info, void *data) {
  chdf5_link_walk *walk = (chdf5_link_walk *)data;
  chdf5_link link;
  (void)group;
  chdf5_describe_link(info, &link);
  return walk->visit(name, &link, walk->context);
}

/// Walks the links of a group, by name or by order of creation.
static inline herr_t chdf5_walk_links(hid_t group, int by_creation, chdf5_link_visitor visit, void *context) {
  chdf5_link_walk walk = {visit, context};
  hsize_t index = 0;
  H5_index_t order = by_creation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
#if H5_VERSION_GE(1, 12, 0)
  return H5Literate2(group, order, H5_ITER_INC, &index, chdf5_visit_link, &walk);
#else
  return H5Literate(group, order, H5_ITER_INC, &index, chdf5_visit_link, &walk);
#endif
}

/// The number of links of a group, or -1.
static inline int64_t chdf5_link_count(hid_t group) {
  H5G_info_t info;
  if (H5Gget_info(group, &info) < 0 || info.nlinks > (hsize_t)INT64_MAX) return -1;
  return (int64_t)info.nlinks;
}

#endif
